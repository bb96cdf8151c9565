/** What the panel's page is made of: addresses of the built script and style sheet, and what the policy names them by. */
export interface PageParts {
  readonly script: string;
  readonly style: string;
  /** The origin that the style sheet comes from, as the policy writes it. */
  readonly source: string;
  /** A fresh random word for each page. */
  readonly nonce: string;
}

/**
 * The panel's HTML: an empty page, its style sheet and its script.
 *
 * The policy allows exactly these two: nothing inline, no eval, no network. Colours that are computed are set through the CSSOM,
 * which the policy leaves alone; icons are made as elements, pictures are drawn on canvases.
 */
export function page({ script, style, source, nonce }: PageParts): string {
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${source}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${escape(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Segmentation preview</title>
<link rel="stylesheet" href="${escape(style)}">
</head>
<body>
<div id="app"></div>
<script defer nonce="${escape(nonce)}" src="${escape(script)}"></script>
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
