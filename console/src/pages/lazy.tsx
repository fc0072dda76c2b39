import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { asProblem } from "../api/client";
import type { Problem } from "../api/types";
import { ProblemNotice } from "../ui/parts";

export interface PageProps {
  /** What follows the page's name in the address. */
  parts: string[];
  query: URLSearchParams;
}

export type Page = FunctionComponent<PageProps>;

/** A page whose code is fetched when it is first shown. */
export function lazy(load: () => Promise<Page>): Page {
  let loaded: Page | null = null;
  return function LazyPage(props: PageProps) {
    const [, refresh] = useState(0);
    const [problem, setProblem] = useState<Problem | null>(null);
    useEffect(() => {
      if (loaded) return;
      load()
        .then((page) => {
          loaded = page;
          refresh(1);
        })
        .catch((reason: unknown) => setProblem(asProblem(reason)));
    }, []);
    if (problem) return <ProblemNotice problem={problem} />;
    const Loaded = loaded;
    return Loaded ? <Loaded {...props} /> : <p class="empty">Loading …</p>;
  };
}
