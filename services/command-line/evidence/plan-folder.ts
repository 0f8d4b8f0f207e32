/** Of a plan's folder: the inventory that it was made from, which still has the rules when they are gone. */
export const INVENTORY_FOLDER = 'inventory';
