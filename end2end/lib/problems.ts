// What must not happen while a page is used: errors in the console, scripts that throw, requests that fail or
// leave the server, violations of the Content-Security-Policy, dialogs.
import type { BrowserContext, Page } from '@playwright/test';

/** What was seen; a test may name in advance what it provokes. */
export class Problems {
  readonly #seen: string[] = [];
  readonly #allowed: RegExp[] = [];

  /** Problems whose text matches are what the test is about. */
  allow(...patterns: RegExp[]): void {
    this.#allowed.push(...patterns);
  }

  /** All that was not allowed. */
  list(): string[] {
    return this.#seen.filter((text) => !this.#allowed.some((pattern) => pattern.test(text)));
  }

  /** From now on watches every page of the context. */
  async watch(context: BrowserContext, origin: string): Promise<void> {
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`CSP: ${event.violatedDirective} refuses ${event.blockedURI} (${event.sourceFile}:${event.lineNumber})`);
      });
    });
    for (const page of context.pages()) this.#watchPage(page, origin);
    context.on('page', (page) => this.#watchPage(page, origin));
  }

  #watchPage(page: Page, origin: string): void {
    const see = (text: string) => this.#seen.push(`${text} [${page.url()}]`);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') see(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => {
      // The browser's own words when a page is left while the view transition of the last link still runs.
      if (!/^Transition was (aborted|skipped)/.test(error.message)) see(`script: ${error.message}`);
    });
    page.on('crash', () => see('the page crashed'));
    page.on('dialog', (dialog) => {
      see(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(origin) && !/^(data|blob|about):/.test(url)) see(`a request to another host: ${url}`);
    });
    page.on('requestfailed', (request) => {
      // A page that is left ends its event stream and what it still loads.
      const why = request.failure()?.errorText ?? '';
      if (!why.includes('ERR_ABORTED')) see(`request failed: ${request.url()} ${why}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) see(`status ${response.status()}: ${response.url()}`);
    });
  }
}
