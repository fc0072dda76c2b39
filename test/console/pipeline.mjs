// A whole pipeline with a simulated market, as "tickerflow demo" starts it.
import { execFileSync, spawn } from "node:child_process";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class Pipeline {
  /** @param program the tickerflow to run */
  constructor(program) {
    this.program = program;
    // PostgreSQL's user has to reach it, so it is not in the build tree.
    this.folder = mkdtempSync(join(tmpdir(), "tickerflow-console-"));
    execFileSync("chmod", ["755", this.folder]);
    this.text = "";
  }

  /**
   * Starts it and waits until the console is told. Ports are chosen before they
   * are taken: who loses one to another program begins again.
   */
  async start(options = [], environment = {}) {
    for (let tries = 3; ; --tries)
      try {
        return await this.startOnce(options, environment);
      } catch (error) {
        if (!tries || !/already in use/.test(this.text)) throw error;
        this.text = "";
      }
  }

  async startOnce(options, environment) {
    const more = Object.fromEntries(
      Object.entries(process.env).filter(([key]) => !/^TICKERFLOW_|API_KEY/.test(key)),
    );
    this.process = spawn(
      this.program,
      ["demo", "--data-dir", this.folder, "--embedded-kafka", ...options],
      {
        cwd: this.folder,
        env: { ...more, ...environment },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const log = createWriteStream(join(this.folder, "demo.log"));
    for (const stream of [this.process.stdout, this.process.stderr])
      stream.on("data", (x) => {
        this.text += x;
        log.write(x);
      });
    this.ended = new Promise((done) => this.process.once("exit", done));
    await this.until(() => /#token=\S+/.test(this.text), 120, "its console");
    this.link = /https?:\/\/\S+#token=\S+/.exec(this.text)[0];
    this.base = new URL(this.link).origin;
  }

  /** The process ids that the start printed, by name. */
  pid(name) {
    const found = [
      ...this.text.matchAll(new RegExp(`^ *${name} +(\\d+) |^${name} started again, pid (\\d+)`, "gm")),
    ].at(-1);
    return Number(found[1] ?? found[2]);
  }

  async until(condition, seconds, what) {
    const end = Date.now() + seconds * 1000;
    let reason = "";
    // What cannot be asked yet is not so yet.
    const holds = () =>
      Promise.resolve()
        .then(condition)
        .catch((x) => {
          reason = `${x}\n`;
          return false;
        });
    while (!(await holds())) {
      if (this.process.exitCode !== null || Date.now() > end)
        throw new Error(
          `no ${what} within ${seconds} s: ${reason}${this.text.slice(-3000)}`,
        );
      await new Promise((done) => setTimeout(done, 200));
    }
  }

  /** Asks the API as a program does. */
  async ask(path, method = "GET") {
    const token = decodeURIComponent(this.link.split("#token=")[1]);
    const answer = await fetch(`${this.base}/api/v1/${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}` },
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  log(name) {
    return readFileSync(join(this.folder, "logs", `${name}.log`), "utf8");
  }

  async stop() {
    if (this.process?.exitCode === null) {
      this.process.kill("SIGTERM");
      const timer = setTimeout(() => this.process.kill("SIGKILL"), 60_000);
      await this.ended;
      clearTimeout(timer);
    }
    if (!process.env.CONSOLE_KEEP)
      rmSync(this.folder, { recursive: true, force: true });
  }
}
