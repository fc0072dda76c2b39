import type { ComponentChildren } from "preact";
import type { Actor } from "../api/types";
import { href } from "../router";

type Of<T> = T & { children?: ComponentChildren };

export const actorHref = (node: string, serial: number) =>
  href(["actors", node, serial]);

export const ActorLink = ({ actor }: { actor: Actor }) => (
  <a href={actorHref(actor.node, actor.serial)} title={actor.name}>
    {actor.name}
  </a>
);

export const TickerLink = ({ symbol, children }: Of<{ symbol: string }>) => (
  <a href={href(["tickers", symbol])}>{children ?? symbol}</a>
);

export const NodeLink = ({ node }: { node: string }) => (
  <a href={href(["nodes"], { node })}>{node}</a>
);
