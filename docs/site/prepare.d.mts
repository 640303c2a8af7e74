export interface SidebarItem {
  readonly text: string;
  readonly link?: string;
  readonly items?: readonly SidebarItem[];
}

export function prepare(folder: string): readonly SidebarItem[];
