// What compiles but must not be: above all an import through a wall of the house (docs/decisions/ says why each is there).
import tseslint from 'typescript-eslint';
import path from 'node:path';

const root = import.meta.dirname;

/** Room → the rooms that it may import. `language` alone is a file directly in that folder. */
const WALLS = {
  'language/catalogue': [],
  'language/syntax': ['language/catalogue'],
  'language/analysis': ['language/syntax', 'language/catalogue'],
  'language/simulator': ['language/catalogue'],
  'language/runtime': ['language/simulator', 'language/analysis', 'language/syntax', 'language/catalogue'],
  'language/export': ['language/runtime', 'language/simulator', 'language/syntax', 'language/catalogue'],
  'language/import': ['language/syntax', 'language/catalogue'],
  language: ['language/runtime', 'language/simulator', 'language/analysis', 'language/syntax', 'language/catalogue'],
  extension: [
    'language',
    'language/runtime',
    'language/export',
    'language/import',
    'language/simulator',
    'language/analysis',
    'language/syntax',
    'language/catalogue',
    'webview/protocol',
  ],
  webview: ['webview/protocol'],
  'webview/protocol': [],
};

/** Who may name a package: everybody else imports relatively or not at all. */
const PACKAGES = [
  { package: /^vscode$/, allowed: (file) => file.startsWith('extension/') && !/^extension\/(debug|server|cli)\//.test(file) },
  { package: /^node:/, allowed: (file) => file.startsWith('extension/cli/') },
  { package: /^vscode-languageserver/, allowed: (file) => /^extension\/(server|cli)\//.test(file) },
  { package: /^@vscode\/debugprotocol$/, allowed: (file) => /^extension\/(debug|cli)\//.test(file) },
  { package: /^@vscode\/debugadapter(\/|$)/, allowed: (file) => file.startsWith('extension/cli/') },
  { package: /^@vscode\/webview-ui-toolkit/, allowed: (file) => file.startsWith('webview/ui/') },
];

const walls = {
  meta: { type: 'problem', schema: [], messages: { wall: '{{from}} must not import {{to}} (the walls are in eslint.config.mjs).' } },
  create(context) {
    const file = path.relative(root, context.filename).replaceAll(path.sep, '/');
    const from = roomOf(file);
    const check = (node) => {
      const name = node.source?.value;
      if (!from || typeof name !== 'string') return;
      const to = name.startsWith('.') ? roomOf(path.posix.join(path.posix.dirname(file), name)) : name;
      const fine = name.startsWith('.')
        ? to === from || WALLS[from].includes(to)
        : PACKAGES.some((rule) => rule.package.test(name) && rule.allowed(file));
      if (!fine) context.report({ node: node.source, messageId: 'wall', data: { from: file, to: to ?? name } });
    };
    return { ImportDeclaration: check, ImportExpression: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
  },
};

function roomOf(file) {
  if (/^webview\/protocol(\/|\.|$)/.test(file)) return 'webview/protocol';
  const [top, room, more] = file.split('/');
  if (top === 'language') return more === undefined && !(`language/${room}` in WALLS) ? 'language' : `language/${room}`;
  return top in WALLS ? top : undefined;
}

const NOT_IN_LANGUAGE = [
  ...['Date', 'performance', 'process', 'Buffer', 'require', 'global', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  ...[
    'window',
    'document',
    'navigator',
    'location',
    'self',
    'localStorage',
    'fetch',
    'crypto',
    'console',
    'requestAnimationFrame',
    'Worker',
  ],
].map((name) => ({ name, message: 'The language knows no clock, process, DOM or network: the same text gives the same run everywhere.' }));

export default tseslint.config(
  {
    ignores: ['dist/', 'dist-test/', 'language/*/generated/', '.vscode-host/', '.vscode-host-data/', '.vscode-test/', 'test-results/'],
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strict],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    plugins: { house: { rules: { walls } } },
    rules: {
      'house/walls': 'error',
      'max-lines': ['error', { max: 600 }],
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['language/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...NOT_IN_LANGUAGE],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'Draw from the seed that the run was given.' }],
    },
  },
  // JavaScript's bit operators cut to 32 bits (`0x7ffff7ffe000 & ~4095` is negative). A file where that is meant says so and why.
  { files: ['language/simulator/**/*.ts', 'language/runtime/**/*.ts'], rules: { 'no-bitwise': 'error' } },
  {
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(skip|only|todo|fails|skipIf|runIf)$/]',
          message: 'No test is skipped or singled out.',
        },
      ],
    },
  },
);
