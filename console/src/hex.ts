const printable = (x: number) => x >= 0x20 && x < 0x7f;

/** Base64 as lines of offset, 16 bytes and their ASCII, as hexdump -C has it. */
export function hexLines(base64: string, most = 64 * 1024): string {
  const bytes = atob(base64);
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, most); at += 16) {
    const part = [...bytes.slice(at, at + 16)].map((x) => x.charCodeAt(0));
    const hex = part.map((x) => x.toString(16).padStart(2, "0")).join(" ");
    const text = part
      .map((x) => (printable(x) ? String.fromCharCode(x) : "."))
      .join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${hex.padEnd(47)}  ${text}`);
  }
  if (bytes.length > most) lines.push(`... ${bytes.length - most} bytes more`);
  return lines.join("\n");
}
