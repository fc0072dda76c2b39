// Ten thousand actors in the console's table: a fetcher for each of so many
// tickers, which a budget of one call a minute keeps from doing anything.
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { logIn, openBrowser, openPage, show } from "./browser.mjs";
import { Pipeline } from "./pipeline.mjs";

const tickers = 10_000;
const pipeline = new Pipeline(process.env.TICKERFLOW_PROGRAM);
let browser;

before(async () => {
  const names = Array.from({ length: tickers }, (_, i) => `T${i}`);
  await pipeline.start(["--workers", "1"], {
    TICKERFLOW_TICKERS: names.join(","),
    TICKERFLOW_API_CALLS_PER_MINUTE: "1",
    TICKERFLOW_POLL_INTERVAL: "1h",
    // A machine that has other work too must not lose its only worker.
    TICKERFLOW_SUSPECT_AFTER: "60s",
    TICKERFLOW_DEAD_AFTER: "120s",
  });
  await pipeline.until(
    async () => (await pipeline.ask("actors?limit=1")).total > tickers,
    180,
    "10,000 actors",
  );
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await pipeline.stop();
});

it("are scrolled, sorted and searched with few rows in the page", async () => {
  const page = await openPage(browser, pipeline.base);
  await logIn(page, pipeline.link);
  for (const place of ["actors", "actors?view=tree"]) {
    await show(page, pipeline.base, place);
    const table = page.locator("main table");
    await table.locator("tbody a").first().waitFor();
    // Rows come and go while shards are opened.
    await pipeline.until(
      async () => Number(await table.getAttribute("aria-rowcount")) > tickers,
      60,
      "10,000 rows",
    );
    const most = await page.evaluate(async () => {
      const box = document.querySelector("main .table-box");
      let rows = 0;
      for (let i = 0; i <= 100; ++i) {
        box.scrollTop = (box.scrollHeight * i) / 100;
        await new Promise((done) => requestAnimationFrame(done));
        await new Promise((done) => requestAnimationFrame(done));
        rows = Math.max(rows, box.querySelectorAll("tbody tr").length);
      }
      return rows;
    });
    assert.ok(most < 100, `${most} rows at once`);
    // At the end of the scroll bar is the end of the table.
    const last = await table.locator("tr[data-index]").last().getAttribute("aria-rowindex");
    assert.equal(last, await table.getAttribute("aria-rowcount"));
    await page.locator("[data-search]").fill("symbol=T9999");
    // More than 10,000 are searched by the server, which counts what matches.
    await page.getByText(/^1 (of 10,\d{3} actors|actor)$/).waitFor();
  }
  await show(page, pipeline.base, "actors?sort=uptime&order=desc");
  await page.locator("tbody a").first().waitFor();
  assert.deepEqual(page.complaints, []);
});
