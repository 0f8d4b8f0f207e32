/** A safety command did its work, and the logs cannot show all that it was asked for: exit status 3. */
export class CouldNotLook extends Error {
  override name = 'CouldNotLook';
}
