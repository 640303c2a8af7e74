/** Red, green and blue. */
export type Rgb = readonly number[];

/** Linear RGB as people without one kind of cones see it: Machado, Oliveira and Fernandes 2009, severity 1. */
export const VISION = {
  usual: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
} as const;

/** `#1264a3` as 18, 100, 163. */
export function rgbOf(hex: string): Rgb {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

/** Contrast of two colours as WCAG 2.2 counts it, 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [dark = 0, light = 0] = [luminance(linear(one)), luminance(linear(other))].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** CIE 1976 distance of two colours as somebody sees them; about 2 can be noticed, 50 are two different colours. */
export function difference(one: Rgb, other: Rgb, vision: keyof typeof VISION): number {
  const [a, b] = [one, other].map((color) => lab(seen(linear(color), VISION[vision]))) as [Rgb, Rgb];
  return Math.hypot(...a.map((value, index) => value - (b[index] ?? 0)));
}

function linear(color: Rgb): Rgb {
  return color.map((value) => (value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
}

function seen(color: Rgb, matrix: readonly number[]): Rgb {
  return [0, 3, 6].map((row) => {
    const value = color.reduce((sum, channel, index) => sum + (matrix[row + index] ?? 0) * channel, 0);
    return Math.min(1, Math.max(0, value));
  });
}

function luminance([red = 0, green = 0, blue = 0]: Rgb): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** CIELAB of linear sRGB under D65. */
function lab(color: Rgb): Rgb {
  const [red = 0, green = 0, blue = 0] = color;
  const curve = (value: number) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116);
  const x = curve((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
  const y = curve(luminance(color));
  const z = curve((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
