// Drawn on a 16 x 16 grid; all are decoration beside a text that says the same.
const paths = {
  overview: "M2 9h3l2-6 3 11 2-5h2",
  actors: "M8 2v3M8 5H3.5v3M8 5h4.5v3M2 8h3v4H2zM11 8h3v4h-3zM6.5 8h3v4h-3zM8 5v3",
  flow: "M2.5 4.5h4M2.5 11.5h4M9.5 8h4M6.5 4.5L9.5 8l-3 3.5",
  nodes: "M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01",
  tickers: "M4 3v10M8 2v12M12 5v8M2.8 6h2.4v4H2.8zM6.8 5h2.4v5H6.8zM10.8 7.5h2.4v3.5h-2.4z",
  trace: "M3 3v7a3 3 0 0 0 3 3h7M3 3l-1.5 2M3 3l1.5 2M10.5 11L13 13l-2.5 2",
  budget: "M8 2a6 6 0 1 0 6 6M8 2v6h6A6 6 0 0 0 8 2z",
  letters: "M2 4h12v9H2zM2 4.5l6 4.5 6-4.5",
  alerts: "M8 2.5L14.5 13.5h-13zM8 6.5v3M8 11.5h.01",
  logs: "M3 4h10M3 8h10M3 12h6",
  audit: "M8 1.8l5.5 2v4.4c0 3-2.4 5-5.5 6-3.1-1-5.5-3-5.5-6V3.8zM5.5 8l2 2 3.5-3.5",
  ok: "M3 8.5l3.2 3.2L13 5",
  info: "M8 7v5M8 4h.01",
  warning: "M8 2.5L14.5 13.5h-13zM8 6.5v3M8 11.5h.01",
  critical: "M5 1.8h6L14.2 5v6L11 14.2H5L1.8 11V5zM8 4.8v4M8 11h.01",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1",
  moon: "M13.5 9.5A6 6 0 1 1 6.5 2.5a5 5 0 0 0 7 7z",
  menu: "M2 4h12M2 8h12M2 12h12",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.5 10.5L14 14",
  close: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  right: "M6 3.5L10.5 8 6 12.5",
  arrow_up: "M8 13V3M4 7l4-4 4 4",
  arrow_down: "M8 3v10M4 9l4 4 4-4",
  exit: "M9 2.5H3v11h6M6.5 8H14M11 5l3 3-3 3",
  help: "M5.8 6a2.2 2.2 0 1 1 3.2 2c-.7.4-1 .8-1 1.5M8 12h.01",
  pause: "M5 3v10M11 3v10",
  play: "M4.5 2.8v10.4L13 8z",
  download: "M8 2v8M4.5 7L8 10.5 11.5 7M2.5 13.5h11",
  clock: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 5v3.5l2.5 1.5",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
