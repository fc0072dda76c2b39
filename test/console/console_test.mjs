// The console's page in a browser, against a running pipeline.
//   node --test console_test.mjs    with TICKERFLOW_PROGRAM set; CONSOLE_PICTURES
//   takes a folder for pictures of every page, CONSOLE_KEEP keeps the data.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import {
  accessProblems,
  desktop,
  keepPicture,
  logIn,
  openBrowser,
  openPage,
  overflow,
  phone,
  show,
} from "./browser.mjs";
import { Pipeline } from "./pipeline.mjs";
import { places } from "./pages.mjs";

const viewer = "a-viewer-of-the-tests-0123456789";
const pipeline = new Pipeline(process.env.TICKERFLOW_PROGRAM);
let browser;

/** Runs the test with a page that is logged in, and finds no complaint. */
async function withPage(options, test) {
  const page = await openPage(browser, pipeline.base, options);
  try {
    await logIn(page, options.link ?? pipeline.link);
    await test(page);
    assert.deepEqual(page.complaints, []);
  } finally {
    await page.context().close();
  }
}

const to = (page, place) => show(page, pipeline.base, place);
const main = (page) => page.locator("main");

/** Presses an action's button and confirms it. @returns what was told */
async function act(page, name) {
  await main(page).getByRole("button", { name, exact: true }).first().click();
  await page
    .getByRole("dialog")
    .last()
    .getByRole("button", { name, exact: true })
    .click();
  const told = page.locator(".toasts p").last();
  await told.waitFor();
  return told.textContent();
}

before(async () => {
  const viewerFile = `${pipeline.folder}/viewer.token`;
  writeFileSync(viewerFile, `${viewer}\n`, { mode: 0o600 });
  await pipeline.start([], {
    TICKERFLOW_CONSOLE_VIEWER_TOKEN_FILE: viewerFile,
  });
  // A record that cannot be used, for the pages of dead letters.
  const brokers = /kcat -b (\S+)/.exec(pipeline.text)[1];
  execFileSync("kcat", ["-P", "-b", brokers, "-t", "stock_analysis", "-k", "TSLA"], {
    input: '{"symbol":"TSLA","close":"n/a"}\n',
  });
  await pipeline.until(
    async () => {
      const { totals } = await pipeline.ask("overview");
      return totals.bars > 200 && totals.dead_letters > 0;
    },
    120,
    "bars and dead letter",
  );
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await pipeline.stop();
});

describe("login", () => {
  it("takes a token, refuses a wrong one in words, and ends", async () => {
    const page = await openPage(browser, pipeline.base);
    page.expected = /status of (401|403)/;
    await page.goto(pipeline.base);
    const token = page.getByLabel("Token");
    await token.fill("a-wrong-token-of-the-tests");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").waitFor();
    assert.match(await page.getByRole("alert").textContent(), /token/);
    assert.deepEqual(await accessProblems(page), []);
    await page.getByLabel("Token").fill(viewer);
    await page.keyboard.press("Enter");
    await page.locator("#menu").waitFor();
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByLabel("Token").waitFor();
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });

  it("by link leaves no token in the address", () =>
    withPage({}, async (page) => {
      assert.doesNotMatch(page.url(), /token/);
      await page.reload();
      await page.locator("#menu").waitFor();
    }));

  it("as viewer shows all and lets nothing be done", () =>
    withPage({ link: `${pipeline.base}/#token=${viewer}` }, async (page) => {
      await to(page, "tickers/TSLA");
      const pause = page.getByRole("button", { name: "Pause TSLA" });
      await pause.waitFor();
      assert.equal(await pause.getAttribute("aria-disabled"), "true");
      await pause.click({ force: true });
      assert.equal(await page.getByRole("dialog").count(), 0);
    }));
});

for (const scheme of ["light", "dark"])
  for (const [device, size] of Object.entries({ desktop, phone }))
    describe(`every page, ${device}, ${scheme}`, () => {
      it("has no error, fits, and can be read by everybody", () =>
        withPage({ size, scheme }, async (page) => {
          const wrong = [];
          for (const [name, place] of Object.entries(await places(pipeline))) {
            await to(page, place);
            await page.waitForTimeout(700); // charts draw, live data comes
            const wide = await overflow(page);
            if (wide > 0) wrong.push(`${name} is ${wide} px too wide`);
            for (const x of await accessProblems(page))
              wrong.push(`${name}: ${x}`);
            await keepPicture(page, `${name}-${device}-${scheme}`);
          }
          assert.deepEqual(wrong, []);
        }));
    });

describe("live data", () => {
  it("renews the overview without a reload", () =>
    withPage({}, async (page) => {
      await to(page, "overview");
      const bars = main(page).locator("tr", { hasText: "Bars" }).first();
      const first = await bars.textContent();
      await page.waitForFunction(
        ([row, text]) => row.textContent !== text,
        [await bars.elementHandle(), first],
        { timeout: 30_000 },
      );
    }));

  it("brings new bars to an open chart", () =>
    withPage({}, async (page) => {
      await to(page, "tickers/MSFT");
      await page.getByRole("button", { name: "Show as a table" }).click();
      const rows = page.getByRole("table", { name: "Figures of the chart" });
      const count = async () => Number(await rows.getAttribute("aria-rowcount"));
      const first = await count();
      assert.ok(first > 1);
      await pipeline.until(async () => (await count()) > first, 60, "new bar");
    }));

  it("tells that the master is silent and how old data is, then goes on", () =>
    withPage({}, async (page) => {
      await to(page, "overview");
      const master = pipeline.pid("master");
      process.kill(master, "SIGSTOP");
      try {
        const told = page.locator(".lost");
        await told.waitFor({ timeout: 60_000 });
        assert.match(await told.textContent(), /as of \d+ s ago/);
      } finally {
        process.kill(master, "SIGCONT");
      }
      await page.locator(".lost").waitFor({ state: "detached", timeout: 60_000 });
    }));
});

describe("actions", () => {
  it("pause a ticker and resume it", () =>
    withPage({}, async (page) => {
      await to(page, "tickers/IBM");
      await act(page, "Pause IBM");
      await page.getByRole("button", { name: "Resume IBM" }).waitFor();
      assert.equal((await pipeline.ask("tickers/IBM")).paused, true);
      await act(page, "Resume IBM");
      await page.getByRole("button", { name: "Pause IBM" }).waitFor();
      assert.equal((await pipeline.ask("tickers/IBM")).paused, false);
    }));

  it("drain a worker, whose shards move, and take it back", () =>
    withPage({}, async (page) => {
      await to(page, "nodes");
      await act(page, "Drain worker-2");
      await page.getByRole("button", { name: "Undrain worker-2" }).waitFor();
      await pipeline.until(
        async () =>
          (await pipeline.ask("shards")).items.every((x) => x.owner === "worker-1"),
        60,
        "move of all shards",
      );
      await act(page, "Undrain worker-2");
      await page
        .getByRole("button", { name: "Drain worker-2", exact: true })
        .waitFor();
    }));

  it("preview a rebalance without a node, which moves nothing", () =>
    withPage({}, async (page) => {
      await to(page, "nodes");
      await page.getByRole("button", { name: "Rebalance" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Without nodes").fill("worker-2");
      await dialog.getByRole("button", { name: "Preview" }).click();
      await dialog.getByText("if it were so").waitFor();
      const out = dialog.getByRole("button", { name: "Carry out" });
      await out.waitFor();
      assert.equal(await out.getAttribute("aria-disabled"), "true");
      assert.deepEqual(await accessProblems(page), []);
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    }));

  it("restart an actor, which then has died and lives again", () =>
    withPage({}, async (page) => {
      const { items } = await pipeline.ask("actors?limit=10000&kind=fetcher");
      const uut = items.find((x) => x.state !== "dead");
      await to(page, `actors/${uut.node}/${uut.serial}`);
      await act(page, "Restart");
      await pipeline.until(
        async () =>
          (await pipeline.ask(`actors?limit=10000&kind=fetcher`)).items.some(
            (x) => x.name === uut.name && x.serial !== uut.serial && x.state !== "dead",
          ),
        30,
        "successor of the actor",
      );
    }));

  it("replay a dead letter, which comes back as it is still unusable", () =>
    withPage({}, async (page) => {
      await to(page, "dead-letters");
      const before = (await pipeline.ask("overview")).totals.dead_letters;
      await main(page).locator("tbody a").first().click();
      await main(page).getByRole("button", { name: "Replay" }).waitFor();
      assert.match(await act(page, "Replay"), /stock_analysis/);
      await pipeline.until(
        async () => (await pipeline.ask("overview")).totals.dead_letters > before,
        30,
        "dead letter again",
      );
    }));

  it("are all in the audit", () =>
    withPage({}, async (page) => {
      await to(page, "audit");
      const table = page.getByRole("table", { name: "Actions" });
      for (const what of [/pause/i, /drain/i, /restart/i, /replay/i])
        await table.getByText(what).first().waitFor();
    }));
});

describe("a worker that is killed", () => {
  it("appears as dead, and its shards move to others", () =>
    withPage({}, async (page) => {
      // Nobody starts this one again.
      const environment = Object.fromEntries(
        readFileSync(`/proc/${pipeline.pid("worker-1")}/environ`, "utf8")
          .split("\0")
          .filter(Boolean)
          .map((x) => [x.slice(0, x.indexOf("=")), x.slice(x.indexOf("=") + 1)]),
      );
      const uut = spawn(process.env.TICKERFLOW_PROGRAM, ["worker"], {
        env: { ...environment, TICKERFLOW_NODE: "worker-9" },
        stdio: "ignore",
      });
      try {
        await to(page, "nodes");
        const card = page.getByRole("region", { name: "worker worker-9" });
        await card.getByText("alive").waitFor({ timeout: 30_000 });
        const owned = async () =>
          (await pipeline.ask("shards")).items.filter(
            (x) => x.owner === "worker-9",
          ).length;
        await pipeline.until(async () => (await owned()) > 0, 30, "shard there");
        uut.kill("SIGKILL");
        await card.getByText("dead", { exact: true }).waitFor({ timeout: 30_000 });
        await pipeline.until(async () => (await owned()) === 0, 30, "move away");
        const moves = page.getByRole("list", { name: "Moves" });
        await moves.getByText(/worker-9 → worker-/).first().waitFor();
        await keepPicture(page, "killed-worker");
      } finally {
        uut.kill("SIGKILL");
      }
    }));
});

describe("the chart", () => {
  it("is saved as picture and as figures, with all studies", () =>
    withPage({}, async (page) => {
      await to(page, "tickers/TSLA");
      for (const name of ["SMA 20", "EMA 50", "Bollinger 20, 2", "RSI 14", "MACD 12, 26, 9"])
        await page.getByRole("button", { name, exact: true }).click();
      await page.waitForTimeout(1000);
      await keepPicture(page, "ticker-studies");
      const saved = async (name) => {
        const [download] = await Promise.all([
          page.waitForEvent("download"),
          main(page).getByText(name, { exact: true }).click(),
        ]);
        return readFileSync(await download.path());
      };
      const picture = await saved("PNG");
      assert.equal(picture.subarray(1, 4).toString(), "PNG");
      assert.ok(picture.length > 10_000);
      const lines = (await saved("CSV")).toString().trim().split("\n");
      assert.match(lines[0], /close/);
      assert.ok(lines.length > 5);
    }));
});

describe("a session", () => {
  it("that ended with its master leads to the login, and on from there", () =>
    withPage({}, async (page) => {
      // The connection is refused until the next master listens.
      page.expected = /ERR_CONNECTION_REFUSED|WebSocket connection/;
      await to(page, "tickers");
      process.kill(pipeline.pid("master"), "SIGKILL");
      await page.locator(".lost").waitFor({ timeout: 30_000 });
      await page.getByLabel("Token").waitFor({ timeout: 60_000 });
      await logIn(page, pipeline.link);
      await to(page, "tickers");
      await page.getByRole("table", { name: "Tickers" }).waitFor();
    }));
});

describe("the keyboard", () => {
  it("reaches pages, the search, a ticker and the rows of a table", () =>
    withPage({}, async (page) => {
      await to(page, "overview");
      await page.keyboard.press("g");
      await page.keyboard.press("a");
      await page.waitForURL(/#\/actors/);
      await page.getByRole("table", { name: "Actors" }).waitFor();
      await page.keyboard.press("/");
      await page.keyboard.type("aggregator");
      await page.waitForURL(/q=aggregator/);
      await page.locator("tbody a").first().focus();
      const focused = () => page.evaluate(() => document.activeElement.textContent);
      const first = await focused();
      await page.keyboard.press("ArrowDown");
      await page.waitForFunction(
        (x) => document.activeElement.textContent !== x,
        first,
      );
      await page.keyboard.press("Enter");
      await page.waitForURL(/#\/actors\/[^/]+\/\d+/);
      await page.keyboard.press("Control+k");
      await page.keyboard.type("nvda");
      await page.keyboard.press("Enter");
      await page.waitForURL(/#\/tickers\/NVDA/);
    }));

  it("skips the menu, and switches between dark and light", () =>
    withPage({}, async (page) => {
      await to(page, "overview");
      await page.locator(".skip").focus();
      await page.keyboard.press("Enter");
      assert.equal(
        await page.evaluate(() => document.activeElement.id),
        "main",
      );
      assert.match(page.url(), /#\/overview/);
      await page.keyboard.press("t");
      const theme = () =>
        page.evaluate(() => document.documentElement.dataset.theme);
      assert.equal(await theme(), "dark");
      await page.reload();
      await page.locator("#menu").waitFor();
      assert.equal(await theme(), "dark");
    }));
});
