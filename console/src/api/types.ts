// Short names for what the API answers; schema.ts is made of openapi.yaml by
// "npm run types".
import type { components, operations } from "./schema";

type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];
export type Session = Schemas["Session"];
export type Level = Schemas["Level"];
export type Alert = Schemas["Alert"];
export type Stage = Schemas["Stage"];
export type Overview = Schemas["Overview"];
export type Budget = Schemas["Budget"];
export type Node = Schemas["Node"];
export type Nodes = Schemas["Nodes"];
export type Queue = Schemas["Queue"];
export type Move = Schemas["Move"];
export type Moves = Schemas["Moves"];
export type Fence = Schemas["Fence"];
export type Shard = Schemas["Shard"];
export type Shards = Schemas["Shards"];
export type Actor = Schemas["Actor"];
export type Actors = Schemas["Actors"];
export type NodeAnswer = Schemas["NodeAnswer"];
export type Peer = Schemas["Peer"];
export type ActorDetail = Schemas["ActorDetail"];
export type Flow = Schemas["Flow"];
export type LogLine = Schemas["LogLine"];
export type Ticker = Schemas["Ticker"];
export type Tickers = Schemas["Tickers"];
export type Bar = Schemas["Bar"];
export type Bars = Schemas["Bars"];
export type Window = Schemas["Window"];
export type Windows = Schemas["Windows"];
export type Gap = Schemas["Gap"];
export type Trace = Schemas["Trace"];
export type DeadLetter = Schemas["DeadLetter"];
export type DeadLetters = Schemas["DeadLetters"];
export type DeadLetterFull = Schemas["DeadLetterFull"];
export type AuditLine = Schemas["AuditLine"];

export interface Items<T> {
  items: T[];
}

export type Width = NonNullable<
  NonNullable<operations["getWindows"]["parameters"]["query"]>["width"]
>;
