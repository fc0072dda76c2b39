// Draws behind the candles: sessions outside the regular one, and gaps.
import type {
  IChartApi,
  IPrimitivePaneRenderer,
  ISeriesPrimitive,
  Logical,
  SeriesAttachedParameter,
  Time,
} from "lightweight-charts";
import type { Span } from "./points";

export interface ShadeColors {
  pre: string;
  post: string;
  gap: string;
}

export class Shading implements ISeriesPrimitive<Time> {
  private chart: IChartApi | null = null;
  private update: (() => void) | null = null;
  private spans: readonly Span[] = [];

  constructor(private readonly colors: ShadeColors) {}

  attached(x: SeriesAttachedParameter<Time>): void {
    this.chart = x.chart as IChartApi;
    this.update = x.requestUpdate;
  }

  detached(): void {
    this.chart = null;
    this.update = null;
  }

  set(spans: readonly Span[]): void {
    this.spans = spans;
    this.update?.();
  }

  paneViews() {
    const renderer: IPrimitivePaneRenderer = {
      draw: () => {}, // in front there is nothing
      drawBackground: (target) =>
        target.useBitmapCoordinateSpace((scope) => this.draw(scope)),
    };
    return [{ zOrder: () => "bottom" as const, renderer: () => renderer }];
  }

  private draw(scope: {
    context: CanvasRenderingContext2D;
    bitmapSize: { width: number; height: number };
    horizontalPixelRatio: number;
  }): void {
    if (!this.chart) return;
    const scale = this.chart.timeScale();
    const half = scale.options().barSpacing / 2;
    const { context, bitmapSize, horizontalPixelRatio: ratio } = scope;
    for (const { first, last, kind } of this.spans) {
      const a = scale.logicalToCoordinate(first as Logical);
      const b = scale.logicalToCoordinate(last as Logical);
      if (a === null || b === null) continue;
      const left = Math.round((a - half) * ratio);
      const right = Math.round((b + half) * ratio);
      if (right < 0 || left > bitmapSize.width) continue;
      context.fillStyle = this.colors[kind];
      context.fillRect(left, 0, right - left, bitmapSize.height);
      if (kind === "gap") this.hatch(context, left, right, bitmapSize.height);
    }
  }

  /** Slanted lines: a gap is told from a session without seeing colours. */
  private hatch(
    context: CanvasRenderingContext2D,
    left: number,
    right: number,
    height: number,
  ): void {
    context.save();
    context.beginPath();
    context.rect(left, 0, right - left, height);
    context.clip();
    context.strokeStyle = this.colors.gap;
    context.lineWidth = 1.5;
    context.beginPath();
    for (let x = left - height; x < right; x += 9) {
      context.moveTo(x, height);
      context.lineTo(x + height, 0);
    }
    context.stroke();
    context.restore();
  }
}
