/** A call, and for each of its arguments what it is tried with. */
export type Tried = readonly [call: string, ...arguments_: (readonly string[])[]];
