/** An error as Cognito answers it; the name goes out as `__type`. */
export class AwsError extends Error {
  readonly status: number;

  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

export const invalidParameter = (message: string) => new AwsError("InvalidParameterException", message);
