// A template's document, as gateway/templates/document.py reads it. Lengths are whole micrometres.

export type Rotation = 0 | 90 | 180 | 270;
export type Side = "left" | "center" | "right";

interface Common {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
  rotation?: Rotation;
  print_when?: string;
  title?: string;
  group?: string;
  locked?: boolean;
}

export interface TextElement extends Common {
  type: "text";
  content: string;
  size: number;
  font?: string;
  min_size?: number;
  wrap?: boolean;
  max_lines?: number;
  line_spacing?: number;
  align?: "auto" | Side;
  valign?: "top" | "middle" | "bottom";
  reverse?: boolean;
  collapse?: boolean;
}

export interface BarcodeElement extends Common {
  type: "barcode";
  symbology: string;
  content: string;
  module?: number | null;
  align?: Side;
  valign?: "top" | "middle" | "bottom";
  text?: "none" | "below" | "above";
  text_size?: number;
  text_font?: string;
  [option: string]: unknown;
}

export interface ImageElement extends Common {
  type: "image";
  picture: string;
  dither?: "threshold" | "floyd-steinberg" | "atkinson" | "ordered";
  threshold?: number;
  align?: Side;
  valign?: "top" | "middle" | "bottom";
}

export interface BoxElement extends Common { type: "box"; thickness?: number; filled?: boolean; radius?: number }
export interface LineElement extends Common { type: "line"; thickness?: number; direction?: "-" | "|" | "/" | "\\" }
export interface EllipseElement extends Common { type: "ellipse"; thickness?: number; filled?: boolean }
export interface RawElement extends Common { type: "raw"; language: string; commands: string }

export type Element =
  | TextElement | BarcodeElement | ImageElement | BoxElement | LineElement | EllipseElement | RawElement;

export type Kind = Element["type"];

export interface Field {
  name: string;
  title?: string;
  type?: "text" | "integer" | "decimal" | "date" | "choice";
  required?: boolean;
  default?: string;
  pattern?: string;
  max_length?: number;
  choices?: string[];
  example?: string;
}

export interface Counter { name: string; title?: string; start?: number; step?: number; width?: number }

export interface Document {
  name: string;
  title?: string;
  size: { width: number; height: number };
  mode?: "exact" | "native";
  about?: string;
  fields?: Field[];
  counters?: Counter[];
  elements: Element[];
}

// What POST /v1/editor/tiles answers.

export interface Part { dx: number; dy: number; width: number; height: number; tile: string }

export interface Drawn {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
  parts: Part[];
  says: string | null;
  module: number;
  size: number;
}

export interface Fix { kind: string; value: number; set: Record<string, Record<string, unknown>> }

export interface Problem {
  element: string | null;
  code: string;
  sentence: string;
  facts: Record<string, string | number>;
  fixes: Fix[];
}

export interface Sketch {
  width: number;
  height: number;
  density: number | string;
  elements: Drawn[];
  tiles: Record<string, string>;
  problems: Problem[];
  values: Record<string, string>;
  prints: boolean;
}
