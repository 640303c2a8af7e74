export type Color = readonly [red: number, green: number, blue: number];
export type Point = readonly [x: number, y: number];

export interface Stroke {
  readonly width: number;
  readonly color: Color;
  /** Lengths of line and gap. */
  readonly dash?: readonly [number, number];
  /** Another colour for what lies above this y. */
  readonly above?: { readonly y: number; readonly color: Color };
}

/** Pixels with smooth edges. All lengths are in points of the page; `scale` says how many pixels a point is. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
  readonly #scale: number;
  /** How much of each pixel the present stroke covers, 0..255; lines that meet do not darken each other. */
  readonly #cover: Uint8Array;

  constructor(width: number, height: number, scale: number, background: Color) {
    this.width = Math.round(width * scale);
    this.height = Math.round(height * scale);
    this.#scale = scale;
    this.#cover = new Uint8Array(this.width * this.height);
    this.rgb = new Uint8Array(this.width * this.height * 3);
    for (let index = 0; index < this.rgb.length; index++) this.rgb[index] = background[index % 3] ?? 0;
  }

  fillRect(x: number, y: number, width: number, height: number, color: Color, alpha = 1): void {
    const [left, right] = [x * this.#scale, (x + width) * this.#scale];
    const [top, bottom] = [y * this.#scale, (y + height) * this.#scale];
    for (let row = Math.max(0, Math.floor(top)); row < Math.min(this.height, Math.ceil(bottom)); row++) {
      const high = Math.min(row + 1, bottom) - Math.max(row, top);
      for (
        let column = Math.max(0, Math.floor(left));
        column < Math.min(this.width, Math.ceil(right));
        column++
      ) {
        const wide = Math.min(column + 1, right) - Math.max(column, left);
        this.#blend(row * this.width + column, color, alpha * high * wide);
      }
    }
  }

  /** The area between a line and the floor, fading downwards. */
  fillBelow(line: readonly Point[], floor: number, color: Color, alpha: number): void {
    const bottom = Math.min(this.height, Math.round(floor * this.#scale));
    for (let index = 1; index < line.length; index++) {
      const [x0, y0] = this.#pixels(line[index - 1] ?? [0, 0]);
      const [x1, y1] = this.#pixels(line[index] ?? [0, 0]);
      for (let column = Math.max(0, Math.ceil(x0 - 0.5)); column < Math.min(this.width, x1 - 0.5); column++) {
        const top = y0 + ((column + 0.5 - x0) / (x1 - x0)) * (y1 - y0);
        const depth = Math.max(1, bottom - top);
        for (let row = Math.max(0, Math.floor(top)); row < bottom; row++) {
          const part = Math.min(1, row + 1 - top);
          const fade = 1 - (0.8 * (row - top)) / depth;
          this.#blend(row * this.width + column, color, alpha * part * fade);
        }
      }
    }
  }

  /** Lines with round ends and corners. */
  stroke(lines: readonly (readonly Point[])[], stroke: Stroke): void {
    let [left, top, right, bottom] = [this.width, this.height, 0, 0];
    const radius = (stroke.width * this.#scale) / 2;
    for (const line of stroke.dash === undefined ? lines : lines.flatMap((one) => dashes(one, stroke.dash))) {
      const points = line.map((point) => this.#pixels(point));
      points.forEach((to, index) => {
        const from = points[index - 1] ?? to;
        if (index === 0 && points.length > 1) return;
        const box = this.#coverSegment(from, to, radius);
        [left, top] = [Math.min(left, box.left), Math.min(top, box.top)];
        [right, bottom] = [Math.max(right, box.right), Math.max(bottom, box.bottom)];
      });
    }
    const turn = stroke.above === undefined ? Number.NEGATIVE_INFINITY : stroke.above.y * this.#scale;
    for (let row = top; row < bottom; row++) {
      const color = row + 0.5 < turn ? (stroke.above?.color ?? stroke.color) : stroke.color;
      for (let column = left; column < right; column++) {
        const pixel = row * this.width + column;
        const cover = this.#cover[pixel] ?? 0;
        if (cover === 0) continue;
        this.#blend(pixel, color, cover / 255);
        this.#cover[pixel] = 0;
      }
    }
  }

  #coverSegment(from: Point, to: Point, radius: number) {
    const [x0, y0] = from;
    const [dx, dy] = [to[0] - x0, to[1] - y0];
    const length = dx * dx + dy * dy;
    const reach = radius + 1;
    const box = {
      left: Math.max(0, Math.floor(Math.min(x0, to[0]) - reach)),
      right: Math.min(this.width, Math.ceil(Math.max(x0, to[0]) + reach)),
      top: Math.max(0, Math.floor(Math.min(y0, to[1]) - reach)),
      bottom: Math.min(this.height, Math.ceil(Math.max(y0, to[1]) + reach)),
    };
    for (let row = box.top; row < box.bottom; row++) {
      for (let column = box.left; column < box.right; column++) {
        const [px, py] = [column + 0.5 - x0, row + 0.5 - y0];
        const along = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length));
        const distance = Math.hypot(px - along * dx, py - along * dy);
        const cover = Math.round(255 * Math.min(1, Math.max(0, radius + 0.5 - distance)));
        const pixel = row * this.width + column;
        if (cover > (this.#cover[pixel] ?? 0)) this.#cover[pixel] = cover;
      }
    }
    return box;
  }

  #pixels([x, y]: Point): Point {
    return [x * this.#scale, y * this.#scale];
  }

  #blend(pixel: number, color: Color, alpha: number): void {
    for (let channel = 0; channel < 3; channel++) {
      const at = pixel * 3 + channel;
      const under = this.rgb[at] ?? 0;
      this.rgb[at] = Math.round(under + ((color[channel] ?? 0) - under) * Math.min(1, alpha));
    }
  }
}

/** The pieces of a straight or bent line that a dash pattern draws. */
function dashes(line: readonly Point[], [on, off]: readonly [number, number] = [1, 0]): Point[][] {
  const pieces: Point[][] = [];
  let walked = 0;
  line.forEach((to, index) => {
    const from = line[index - 1];
    if (from === undefined) return;
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    const at = (distance: number): Point => {
      const share = length === 0 ? 0 : distance / length;
      return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
    };
    for (let distance = -(walked % (on + off)); distance < length; distance += on + off) {
      const [start, end] = [Math.max(0, distance), Math.min(length, distance + on)];
      if (end > start) pieces.push([at(start), at(end)]);
    }
    walked += length;
  });
  return pieces;
}
