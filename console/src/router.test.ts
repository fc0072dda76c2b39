import { describe, expect, it } from "vitest";
import { apiPath } from "./api/path";
import { hexLines } from "./hex";
import { href, parseRoute } from "./router";

describe("addresses of pages", () => {
  it("come back as they went in, whatever is in a name", () => {
    const parts = ["actors", "worker/1 #?%", "12"];
    const route = parseRoute(href(parts, { q: "a b&c=d", none: null }));
    expect(route.parts).toEqual(parts);
    expect(route.query.get("q")).toBe("a b&c=d");
    expect(route.query.has("none")).toBe(false);
  });

  it("can be anything without an error", () => {
    expect(parseRoute("").parts).toEqual([]);
    expect(parseRoute("#/%").parts).toEqual(["%"]);
  });
});

describe("addresses of the API", () => {
  it("are equal for equal questions, and encoded", () => {
    expect(apiPath(["actors"], { q: "a/b", limit: 5, node: "" })).toBe(
      "/api/v1/actors?limit=5&q=a%2Fb",
    );
    expect(apiPath(["actors", "w 1", 3])).toBe("/api/v1/actors/w%201/3");
  });
});

describe("bytes", () => {
  it("are shown 16 a line with their offset and what can be printed", () => {
    expect(hexLines(btoa("ab\u00ff"))).toBe(
      `000000  61 62 ff${" ".repeat(39)}  ab.`,
    );
    expect(hexLines(btoa("x".repeat(17))).split("\n").length).toBe(2);
    expect(hexLines("")).toBe("");
  });
});
