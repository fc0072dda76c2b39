import { Card, PageHead } from "../ui/parts";

/** What the licences of the libraries in this page ask to be told. */
export function Licences() {
  return (
    <>
      <PageHead title="Licences" />
      <Card>
        <div class="licence">
          <p>Tickerflow is under the MIT licence. This page is made with:</p>
          <p>
            <strong>TradingView Lightweight Charts™</strong>, copyright (с) 2025
            TradingView, Inc.{" "}
            <a href="https://www.tradingview.com/" rel="noreferrer">
              https://www.tradingview.com/
            </a>
            . Apache License 2.0.
          </p>
          <p>
            <strong>Preact</strong>, copyright (c) 2015-present Jason Miller. MIT
            licence.
          </p>
          <p>
            <strong>dagre</strong> and <strong>graphlib</strong>, copyright (c)
            2012-2014 Chris Pettitt. MIT licence.
          </p>
          <p class="muted small">
            The texts of these licences: <a href="/licences.txt">licences.txt</a>
          </p>
        </div>
      </Card>
    </>
  );
}
