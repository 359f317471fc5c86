/** RFC 6761, 6.3: `localhost` never leaves the machine; 127.0.0.0/8 and ::1 neither. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i;

/** Whether what goes to this host stays on this machine. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** Whether nobody on the way reads along. */
export function isPrivate({ protocol, hostname }: Pick<URL, "protocol" | "hostname">): boolean {
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}
