// Opens pgAdmin as a person does: log in, click the server, look for the
// database, without typing the server's password. Arguments: the folder of
// playwright-core, URL, e-mail, password, database, screenshot.
import { createRequire } from "node:module";
const [folder, url, email, password, database, picture] = process.argv.slice(2);
const { chromium } = createRequire(`${folder}/`)("playwright-core");

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
try {
  page.setDefaultTimeout(60000);
  await page.goto(url);
  await page.fill("input[name=email]", email);
  await page.fill("input[name=password]", password);
  await page.click("button[name=internal_button], button[type=submit]");
  const open = async (label) => {
    const node = page.locator(".file-entry", { hasText: label }).first();
    await node.waitFor();
    await node.dblclick();
  };
  await open("Servers");
  await open("Tickerflow");
  await open("Databases");
  await page.locator(".file-entry", { hasText: database }).first().waitFor();
  console.log(`pgAdmin shows ${database}`);
} finally {
  await page.screenshot({ path: picture });
  await browser.close();
}
