/**
 * Opens a page in the browser that the desktop has for it, and does not wait for it.
 *
 * @returns why it is not open, where it is not; undefined where it is
 */
export async function openPage(path: string): Promise<string | undefined> {
  if (
    process.platform === 'linux' &&
    !process.env.DISPLAY &&
    !process.env.WAYLAND_DISPLAY &&
    !process.env.WSL_DISTRO_NAME
  ) {
    return 'no desktop here';
  }
  // Loaded only when needed.
  const { default: open } = await import('open');
  try {
    const opener = await open(path);
    opener.on('error', () => undefined);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
