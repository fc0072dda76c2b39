// Debian's Chromium, driven by playwright-core; both are found through
// console/package.json, for the page's build has fetched them already.
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";

const require = createRequire(
  new URL("../../console/package.json", import.meta.url),
);
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const desktop = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };

export function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // As root there is no sandbox to be had; nothing may ask the outside.
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-dev-shm-usage",
    ],
  });
}

/**
 * A page that remembers all that a person would find in the developer tools:
 * errors, warnings, what the policy forbade, and requests to other hosts.
 */
export async function openPage(browser, base, options = {}) {
  const { size = desktop, scheme = "light" } = options;
  const context = await browser.newContext({
    viewport: size,
    colorScheme: scheme,
    hasTouch: size === phone,
    isMobile: size === phone,
    acceptDownloads: true,
    reducedMotion: options.reducedMotion ?? "no-preference",
  });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (x) => {
    if (x.type() !== "error" && x.type() !== "warning") return;
    // Whoever is not logged in is told so by a 401: the browser writes it down.
    if (/status of 401/.test(x.text())) return;
    if (page.expected?.test(x.text())) return;
    complaints.push(`${x.type()}: ${x.text()} at ${page.url()}`);
  });
  page.on("pageerror", (x) => complaints.push(`${x.stack} at ${page.url()}`));
  page.on("request", (x) => {
    const url = new URL(x.url());
    if (url.host !== new URL(base).host && url.protocol !== "blob:")
      complaints.push(`a request to ${url.host}`);
  });
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (x) =>
      console.error(`policy: ${x.violatedDirective} ${x.blockedURI}`),
    );
  });
  page.complaints = complaints;
  return page;
}

/** Follows a login link. */
export async function logIn(page, link) {
  await page.goto(link);
  await page.locator("#menu").waitFor({ state: "attached" });
}

/** Goes to a page of the console and waits for its heading and its data. */
export async function show(page, base, place) {
  await page.goto(`${base}/#/${place}`);
  await page.locator("main h1").first().waitFor();
  await page.waitForFunction(
    () => !document.querySelector('main [aria-busy="true"]'),
    null,
    { timeout: 30_000 },
  );
}

/** What axe-core finds wrong with the page as it is, in words. */
export async function accessProblems(page) {
  // Evaluated by the debugger, which no policy of a page can forbid.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    }),
  );
  return violations.map(
    (x) =>
      `${x.id}: ${x.help}: ` +
      x.nodes
        .slice(0, 3)
        .map((y) => `${y.html.slice(0, 160)} (${y.any[0]?.message ?? ""})`)
        .join(" | "),
  );
}

/** How many pixels the page is wider than its window. */
export const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

/** Keeps a picture where CONSOLE_PICTURES says, if it does. */
export async function keepPicture(page, name) {
  const folder = process.env.CONSOLE_PICTURES;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png` });
}
