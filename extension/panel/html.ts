export interface PanelResources {
  readonly title: string;
  /** Where scripts, styles and fonts may come from. */
  readonly cspSource: string;
  readonly script: string;
  /** Loaded later, where the page has such controls. */
  readonly controls?: string;
  readonly style: string;
  /** Fresh for each page. */
  readonly nonce: string;
}

/** The page of a panel: no inline script, no inline style, nothing from elsewhere. */
export function panelHtml({ title, cspSource, script, controls, style, nonce }: PanelResources): string {
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${cspSource} 'nonce-${nonce}'; font-src ${cspSource}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <!-- Here the toolkit looks for the nonce of the one style element with which it tries out the browser. -->
    <meta property="csp-nonce" content="${nonce}" />
    <meta name="viewport" content="width=device-width" />
    <title>${title}</title>
    <link rel="stylesheet" href="${style}" />
  </head>
  <body>
    <script nonce="${nonce}" src="${script}"${controls === undefined ? '' : ` data-controls="${controls}"`}></script>
  </body>
</html>
`;
}
