/**
 * The text of package.json with the repository that it is built in, as a registry wants it with a provenance. The repository itself
 * names no address: it may be anybody's copy.
 */
export function withRepository(text, env) {
  const { GITHUB_REPOSITORY: name, GITHUB_SERVER_URL: server = 'https://github.com' } = env;
  if (!name) return text;
  const repository = { type: 'git', url: `git+${server}/${name}.git` };
  return `${JSON.stringify({ ...JSON.parse(text), repository }, null, 2)}\n`;
}
