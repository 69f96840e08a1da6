// The names under which the simulator counts what it enters and violates, found in its source: what `events("…", "…")` and `violations("…")` can ask.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** Methods of the kernel and its trace whose first argument is such a name. */
export const COUNTED = { functions: ['in', 'batch', 'enter', 'outcome', 'event'], violations: ['violate'] };

/** The syntax trees of the TypeScript files below a folder. */
const treesBelow = (folder) =>
  fs
    .readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ts.createSourceFile(name, fs.readFileSync(path.join(folder, name), 'utf8'), ts.ScriptTarget.ES2022, true));

/**
 * By kernel function what it can come to: the words of the union that the second argument of `outcome("…", …)` is declared as, sorted. Of an argument
 * of another type nothing is known.
 */
export function outcomesGiven(folder) {
  const found = {};
  for (const tree of treesBelow(folder))
    visit(tree, (node) => {
      if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression) || node.expression.name.text !== 'outcome') return;
      const [name, outcome] = node.arguments;
      if (!ts.isStringLiteralLike(name) || !ts.isIdentifier(outcome)) return;
      const words = unionOf(tree, declaredType(outcome));
      if (words.length > 0) found[name.text] = [...new Set([...(found[name.text] ?? []), ...words])].sort();
    });
  return Object.fromEntries(Object.entries(found).sort());
}

/** The type that the variable of this name is declared with, in the innermost function around it that declares it. */
function declaredType(name) {
  for (let at = name.parent; at; at = at.parent) {
    const declared = at.statements
      ?.flatMap((each) => each.declarationList?.declarations ?? [])
      .find((each) => declares(each.name, name.text));
    if (declared) return declared.type;
  }
  return undefined;
}

/** The strings of a union of string literals, or of a type alias of the same file that is one. */
function unionOf(tree, type) {
  if (type === undefined) return [];
  if (ts.isUnionTypeNode(type)) return type.types.flatMap((each) => unionOf(tree, each));
  if (ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal)) return [type.literal.text];
  if (!ts.isTypeReferenceNode(type)) return [];
  const alias = tree.statements.find((each) => ts.isTypeAliasDeclaration(each) && each.name.text === type.typeName.getText());
  return alias ? unionOf(tree, alias.type) : [];
}

/** The first arguments of all calls of methods of these names, in the TypeScript files below a folder, sorted. */
export function namesGiven(folder, methods) {
  const trees = treesBelow(folder);
  const calls = [];
  for (const tree of trees) visit(tree, (node) => ts.isCallExpression(node) && calls.push(node));
  const found = new Set();
  const seen = new Set();

  /** The strings that an expression can be or hold; a parameter is whatever its callers give. */
  const strings = (node) => {
    if (node === undefined) return;
    if (ts.isStringLiteralLike(node)) found.add(node.text);
    else if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) strings(node.expression);
    else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(strings);
    else if (ts.isArrayLiteralExpression(node)) node.elements.forEach(strings);
    else if (ts.isIdentifier(node)) named(node);
  };
  const named = (name) => {
    for (let at = name.parent; at; at = at.parent) {
      const variable = at.statements
        ?.flatMap((each) => each.declarationList?.declarations ?? [])
        .find((each) => declares(each.name, name.text));
      if (variable) return strings(variable.initializer);
      const index = at.parameters?.findIndex((each) => each.name.getText() === name.text) ?? -1;
      const own = at.name ?? at.parent?.name;
      if (index < 0 || own === undefined || !ts.isIdentifier(own)) continue;
      if (seen.has(`${own.text}/${index}`)) return;
      seen.add(`${own.text}/${index}`);
      for (const call of calls) if (ts.isIdentifier(call.expression) && call.expression.text === own.text) strings(call.arguments[index]);
      return;
    }
  };
  for (const { expression, arguments: given } of calls)
    if (ts.isPropertyAccessExpression(expression) && methods.includes(expression.name.text)) strings(given[0]);
  return [...found].filter((name) => /^\w+$/.test(name)).sort();
}

function declares(name, text) {
  return ts.isIdentifier(name) ? name.text === text : name.elements.some((each) => each.name?.text === text);
}

function visit(node, each) {
  each(node);
  ts.forEachChild(node, (child) => visit(child, each));
}
