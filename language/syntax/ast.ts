/** The syntax tree of a .mmscn file. Positions are UTF-16 offsets, ends exclusive; `LineMap` (positions.ts) turns them into lines and columns. */

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Name extends Span {
  readonly text: string;
}

export interface Comment extends Span {
  /** The comment as written, its markers included. `///` is a documentation comment. */
  readonly text: string;
}

export interface SyntaxProblem extends Span {
  readonly message: string;
}

export interface SourceFile extends Span {
  readonly kind: 'file';
  readonly items: readonly Item[];
  readonly comments: readonly Comment[];
  readonly problems: readonly SyntaxProblem[];
}

export type Item = Import | Param | DesignDeclaration | Routine | Scenario | Broken;

export interface Import extends Span {
  readonly kind: 'import';
  readonly path: StringLiteral;
}

export interface Param extends Span {
  readonly kind: 'param';
  readonly name: Name;
  readonly value: Expr;
}

/** `design NAME = BASE { option = value }` */
export interface DesignDeclaration extends Span {
  readonly kind: 'design';
  readonly doc?: string;
  readonly name: Name;
  readonly base: Name;
  readonly options: readonly Option[];
}

export interface Routine extends Span {
  readonly kind: 'routine';
  readonly doc?: string;
  readonly name: Name;
  readonly params: readonly Name[];
  readonly body: Block;
}

export interface Scenario extends Span {
  readonly kind: 'scenario';
  /** The text of the `///` lines above, markers removed, lines joined by \n. */
  readonly doc?: string;
  readonly title: StringLiteral;
  readonly body: Block;
}

/** The statements between two braces; the span includes the braces. */
export interface Block extends Span {
  readonly statements: readonly Statement[];
  /** The closing brace is missing; the block ends before the next `scenario` or `routine`, or with the file. */
  readonly unclosed?: true;
}

/** Text the parser could not read; skipped to the end of its line or to the balancing brace. Its problem stands in `SourceFile.problems`. */
export interface Broken extends Span {
  readonly kind: 'broken';
}

// ── Declarations: what exists before the first step ────────────────────────────────────────────────────────────────

export type Declaration =
  | Under
  | MachineDeclaration
  | HostDeclaration
  | Mount
  | FileDeclaration
  | DirectoryDeclaration
  | SharedExtents
  | ProcessDeclaration
  | CgroupDeclaration
  | Param;

export interface Under extends Span {
  readonly kind: 'under';
  readonly designs: readonly Name[];
}

export interface MachineDeclaration extends Span {
  readonly kind: 'machine';
  readonly options: readonly Option[];
}

export interface HostDeclaration extends Span {
  readonly kind: 'host';
  readonly names: readonly Name[];
}

/** `type` is the filesystem's name (`xfs` … `overlay`). */
export interface Mount extends Span {
  readonly kind: 'mount';
  readonly type: Name;
  readonly path: Expr;
  readonly options: readonly Option[];
}

/** `file PATH { size = …; content = … }` or `file PATH = "text"` (then `content` is set and `options` is empty). */
export interface FileDeclaration extends Span {
  readonly kind: 'file';
  readonly path: Expr;
  readonly content?: Expr;
  readonly options: readonly Option[];
}

export interface DirectoryDeclaration extends Span {
  readonly kind: 'directory';
  readonly path: Expr;
  readonly options: readonly Option[];
}

/** `reflink A to B`, `snapshot A to B`, `dedupe A, B`. */
export interface SharedExtents extends Span {
  readonly kind: 'reflink' | 'snapshot' | 'dedupe';
  readonly from: Expr;
  readonly to: Expr;
}

/** `process p, q` · `process db[1500]` · `process p { uid = 1000 }` · `process p in "/db"` · `process q on n2`; what follows the names holds for all of them. */
export interface ProcessDeclaration extends Span {
  readonly kind: 'process';
  readonly names: readonly { readonly name: Name; readonly count?: Expr }[];
  readonly cgroup?: Expr;
  readonly host?: Name;
  readonly options: readonly Option[];
}

export interface CgroupDeclaration extends Span {
  readonly kind: 'cgroup';
  readonly path: Expr;
  readonly options: readonly Option[];
}

/** `name = value` in braces. A bare word is a `Word`, never a variable. `name` keeps its dots ("overlay.cache"). */
export interface Option extends Span {
  readonly name: Name;
  readonly value: Word | Expr;
}

export interface Word extends Span {
  readonly kind: 'word';
  readonly text: string;
}

// ── Statements ─────────────────────────────────────────────────────────────────────────────────────────────────────

export type Statement =
  | Declaration
  | Action
  | ProcessBlock
  | Let
  | If
  | For
  | Repeat
  | StepLabel
  | Parallel
  | Expect
  | ExpectFailure
  | Invariant
  | Return
  | Broken;

/** Who acts: `p`, `db[3]`, `db[1..9]`, `db[*]`, `kernel`, `remote`. */
export interface Who extends Span {
  readonly name: Name;
  readonly selector?:
    { readonly kind: 'index'; readonly index: Expr } | { readonly kind: 'range'; readonly range: Range } | { readonly kind: 'all' };
}

/** `WHO: NAME = CALL(ARGS) as child under d1, d2`; in a process block or a routine `who` is absent. `value` is a `Call` for system calls and routines. */
export interface Action extends Span {
  readonly kind: 'action';
  readonly who?: Who;
  readonly bind?: Name;
  readonly value: Expr;
  readonly as?: { readonly name: Name; readonly count?: Expr };
  readonly under?: readonly Name[];
}

/** `p { … }` */
export interface ProcessBlock extends Span {
  readonly kind: 'process-block';
  readonly who: Who;
  readonly body: Block;
}

export interface Let extends Span {
  readonly kind: 'let';
  readonly name: Name;
  readonly value: Expr;
}

export interface If extends Span {
  readonly kind: 'if';
  readonly condition: Expr;
  readonly then: Block;
  /** `else { … }`, or `else if …`. */
  readonly else?: Block | If;
}

/** `for i in 0..9 { … }`, `for w in db { … }`, `for x in [a, b] { … }` */
export interface For extends Span {
  readonly kind: 'for';
  readonly name: Name;
  readonly in: Range | Expr;
  readonly body: Block;
}

/** Both ends included. */
export interface Range extends Span {
  readonly kind: 'range';
  readonly from: Expr;
  readonly to: Expr;
}

export interface Repeat extends Span {
  readonly kind: 'repeat';
  readonly count: Expr;
  readonly body: Block;
}

/** `step "the copy-up"` names the lines after it. */
export interface StepLabel extends Span {
  readonly kind: 'step';
  readonly label: StringLiteral;
}

export interface Parallel extends Span {
  readonly kind: 'parallel';
  readonly branches: readonly ProcessBlock[];
}

/** `expect COND under d1, d2 : "why"` */
export interface Expect extends Span {
  readonly kind: 'expect';
  readonly condition: Expr;
  readonly under?: readonly Name[];
  readonly reason?: StringLiteral;
}

/** `expect p: CALL fails ENOENT` · `expect p: CALL raises SIGSEGV` (the action has no `under` of its own). */
export interface ExpectFailure extends Span {
  readonly kind: 'expect-failure';
  readonly action: Action;
  readonly how: 'fails' | 'raises';
  readonly what: Name;
  readonly under?: readonly Name[];
  readonly reason?: StringLiteral;
}

export interface Invariant extends Span {
  readonly kind: 'invariant';
  readonly condition: Expr;
  readonly under?: readonly Name[];
  readonly reason?: StringLiteral;
}

export interface Return extends Span {
  readonly kind: 'return';
  readonly value?: Expr;
}

// ── Expressions ────────────────────────────────────────────────────────────────────────────────────────────────────

export type Expr = NumberLiteral | StringLiteral | Reference | Pages | Unary | Binary | Call | Member | Index | List;

/** `4096`, `0x1000`, `0755`, `1_000`, `4K`: `value` has the suffix applied. */
export interface NumberLiteral extends Span {
  readonly kind: 'number';
  readonly value: bigint;
  readonly text: string;
}

export interface StringLiteral extends Span {
  readonly kind: 'string';
  /** Escapes applied; a byte that is not UTF-8 text (`\xff`) needs `bytes`. */
  readonly value: string;
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** A name: process variable, process, param, let, loop variable, observable root (`memory`), or an upper-case constant. */
export interface Reference extends Span {
  readonly kind: 'reference';
  readonly name: string;
}

/** `n pages` / `1 page` */
export interface Pages extends Span {
  readonly kind: 'pages';
  readonly value: Expr;
  readonly unit: 'page' | 'pages';
}

export interface Unary extends Span {
  readonly kind: 'unary';
  readonly operator: '!' | '-' | '~' | '+';
  readonly operand: Expr;
}

export type BinaryOperator =
  '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%' | '&&' | '||' | '&' | '|' | '^' | '<<' | '>>';

/** `parenthesized` on Unary/Binary/Pages operands is not recorded: the printer adds the parentheses that precedence asks for. */
export interface Binary extends Span {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expr;
  readonly right: Expr;
}

/** `open("/a", O_RDONLY)`, `zeros(4)`, `file("/a")`, `events("do_wp_page")`, a routine's call. */
export interface Call extends Span {
  readonly kind: 'call';
  readonly callee: Name;
  readonly args: readonly Expr[];
}

export interface Member extends Span {
  readonly kind: 'member';
  readonly object: Expr;
  readonly name: Name;
}

export interface Index extends Span {
  readonly kind: 'index';
  readonly object: Expr;
  readonly index: Expr;
}

/** `[a, b]` */
export interface List extends Span {
  readonly kind: 'list';
  readonly items: readonly Expr[];
}
