import { posix } from "node:path";

/** The table of rooms in docs/design.md as rules, and what in a tree of sources breaks them. */

export interface Room {
  /** A folder ends in "/", a file stands for itself, and "*" is any name. */
  name: string;
  /** Names of rooms, or of files outside of the tree. */
  mayImport: readonly string[];
  mayImportTypesOf: readonly string[];
  packages: readonly string[];
}

/** The text of each file by its path in the tree, for example "ledger/pace.ts". */
export type Sources = ReadonlyMap<string, string>;

export interface Import {
  /** As it is written. */
  module: string;
  isType: boolean;
}

/** The rows of the table, in its order. */
export function roomsOf(table: string): Room[] {
  const rows = table.split("\n").filter((line) => line.startsWith("| `"));
  return rows.map((row) => {
    const [name = "", , imports = "", packages = ""] = row.split("|").slice(1);
    const [values = "", types = ""] = imports.split("types of");
    return {
      name: words(name)[0] ?? "",
      mayImport: words(values),
      mayImportTypesOf: words(types),
      packages: words(packages),
    };
  });
}

function words(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word);
}

/** In each way of writing it; `import { type A }` still loads the module. */
export function importsOf(text: string): Import[] {
  const from = [...text.matchAll(/^(?:import|export)\b( type\b)?[^;"]*?\bfrom "([^"]+)"/gm)];
  const bare = [...text.matchAll(/^import "([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm)];
  return [
    ...from.map(([, type, module = ""]) => ({ module, isType: type !== undefined })),
    ...bare.map(([, first, second]) => ({ module: first ?? second ?? "", isType: false })),
  ];
}

/** A file stands for itself before any pattern, a pattern before the longest folder. */
export function roomOf(path: string, rooms: readonly Room[]): Room | undefined {
  const exact = rooms.find(({ name }) => name === path);
  const pattern = rooms.find(({ name }) => name.includes("*") && matches(path, name));
  return exact ?? pattern ?? folderOf(path, rooms);
}

function folderOf(path: string, rooms: readonly Room[]): Room | undefined {
  const folders = rooms.filter(({ name }) => name.endsWith("/") && path.startsWith(name));
  return folders.toSorted((one, other) => other.name.length - one.name.length)[0];
}

/** A file that stands for a pattern lives in a folder, whose files it may import, and they it. */
function homeOf(path: string, rooms: readonly Room[]): Room | undefined {
  const room = roomOf(path, rooms);
  return room?.name.includes("*") ? folderOf(path, rooms) : room;
}

function matches(name: string, pattern: string): boolean {
  const source = pattern.replaceAll(".", "\\.").replaceAll("*", ".+");
  return new RegExp(`^${source}$`).test(name);
}

/** What the tree breaks, each as `from → to`. */
export function brokenRules(rooms: readonly Room[], sources: Sources): string[] {
  const found = [...sources].flatMap(([path, text]) =>
    importsOf(text)
      .filter((one) => !isAllowed(path, one, rooms))
      .map(({ module }) => `${path} → ${module.startsWith(".") ? targetOf(path, module) : module}`),
  );
  return [...new Set(found)].toSorted();
}

function isAllowed(path: string, { module, isType }: Import, rooms: readonly Room[]): boolean {
  const room = roomOf(path, rooms);
  if (room === undefined) return false;
  if (!module.startsWith(".")) return room.packages.some((one) => matches(packageOf(module), one));
  const target = targetOf(path, module);
  if (homeOf(path, rooms) === homeOf(target, rooms) && roomOf(target, rooms) !== undefined) return true;
  const name = roomOf(target, rooms)?.name ?? target;
  const allowed = isType ? [...room.mayImport, ...room.mayImportTypesOf] : room.mayImport;
  return allowed.some((one) => one === name || matches(name, one));
}

function targetOf(path: string, module: string): string {
  return posix.normalize(posix.join(posix.dirname(path), module));
}

/** `@scope/name/part` → `@scope/name`. */
function packageOf(module: string): string {
  if (module.startsWith("node:")) return module;
  return module
    .split("/")
    .slice(0, module.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Files that name a vendor and are not its own: neither in its folder nor named after it. */
export function namersOf(vendor: string, sources: Sources): string[] {
  const isOwn = (path: string) => path.split("/").some((part) => part === vendor || part === `${vendor}.ts`);
  return [...sources]
    .filter(([path, text]) => !isOwn(path) && text.toLowerCase().includes(vendor))
    .map(([path]) => path)
    .toSorted();
}
