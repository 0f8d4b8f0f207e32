/** `app (sg-0abc)`; the id alone where there is no name. Names are text of others, and several things may share one. */
export function nameAndId(name: string | null | undefined, id: string): string {
  return name === null || name === undefined || name === '' || name === id ? id : `${name} (${id})`;
}
