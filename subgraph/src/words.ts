/**
 * The same text with a space for each run of characters that are in no word, for full-text search: Postgres takes a path, a
 * file's name or a word in quotation marks that are not ASCII for one word. Null when there is nothing to part.
 *
 * Strangers wrote the text, and a manifest holds many: the units are gathered in one array, for what a handler
 * allocates is freed only when it ends.
 */
export function wordsIn(text: string, more: string = ''): string | null {
  const all = more.length == 0 ? text : text + ' ' + more
  const units = new Uint16Array(all.length)
  let length = 0
  let parts = false
  for (let i = 0; i < all.length; i++) {
    const unit = all.charCodeAt(i)
    if (isOfWord(unit)) {
      units[length++] = unit as u16
    } else {
      if (unit != 32) parts = true
      if (length > 0 && units[length - 1] != 32) units[length++] = 32
    }
  }
  if (!parts) return null
  return String.UTF16.decodeUnsafe(units.dataStart, length << 1)
}

/** Letters and digits of ASCII, and what is beyond unless it is punctuation. */
function isOfWord(unit: i32): boolean {
  if (unit < 0x80) return (unit >= 48 && unit <= 57) || (unit >= 65 && unit <= 90) || (unit >= 97 && unit <= 122)
  if (unit <= 0xbf) return unit == 0xaa || unit == 0xb5 || unit == 0xba
  // General punctuation but for the joiners, which stand inside words of Persian and of Indian languages.
  if (unit >= 0x2000 && unit <= 0x206f) return unit == 0x200c || unit == 0x200d
  if (unit >= 0x3000 && unit <= 0x303f) return unit >= 0x3005 && unit <= 0x3007
  // Full-width forms of ASCII's punctuation.
  if (unit >= 0xff00 && unit <= 0xff65) {
    const ascii = unit - 0xfee0
    return (ascii >= 48 && ascii <= 57) || (ascii >= 65 && ascii <= 90) || (ascii >= 97 && ascii <= 122)
  }
  return unit != 0xfeff
}
