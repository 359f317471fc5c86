import { html } from "hono/html";

/** The pages as HTML; whatever was typed is escaped by `html`. */
type Html = ReturnType<typeof html>;

/** What was typed before, and what came of it. */
export interface Before {
  email?: string;
  /** What went wrong. */
  alert?: string;
  /** What was done. */
  notice?: string;
}

export function signInPage(before: Before = {}): Html {
  return layout(
    "Sign in",
    html`<h1>Sign in</h1>
      ${messageOf(before)}
      <form method="post" action="/sign-in">
        ${emailField(before)}
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required>
        <button type="submit">Sign in</button>
      </form>
      <p><a href="/forgot-password">Forgot your password?</a></p>`,
  );
}

export function forgotPage(before: Before = {}): Html {
  return layout(
    "Forgot your password?",
    html`<h1>Forgot your password?</h1>
      ${messageOf(before)}
      ${before.notice === undefined ? forgotForm(before) : ""}
      <p><a href="/">Back to sign-in</a></p>`,
  );
}

function forgotForm(before: Before): Html {
  return html`<p>We send you a link with which you choose a new one.</p>
    <form method="post" action="/forgot-password">
      ${emailField(before)}
      <button type="submit">Send the link</button>
    </form>`;
}

export function homePage(email: string): Html {
  return layout(
    "Welcome",
    html`<h1>Welcome</h1>
      <p>You are signed in as <strong>${email}</strong>.</p>
      <form method="post" action="/sign-out"><button type="submit" class="quiet">Sign out</button></form>`,
  );
}

function emailField({ email = "" }: Before): Html {
  return html`<label for="email">E-mail address</label>
    <input id="email" name="email" type="email" autocomplete="username" value="${email}" required>`;
}

function messageOf({ alert, notice }: Before): Html | "" {
  if (alert !== undefined) return html`<p role="alert">${alert}</p>`;
  return notice === undefined ? "" : html`<p role="status">${notice}</p>`;
}

function layout(title: string, body: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title} – Example</title>
        <link rel="stylesheet" href="/style.css">
        <link rel="icon" href="data:,">
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html>`;
}
