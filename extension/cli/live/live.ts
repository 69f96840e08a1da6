// What the editor loads to verify: a file by itself, as nothing of it works in a browser.
export { hostOptions } from './host';
export { thisKernel } from './machine';
