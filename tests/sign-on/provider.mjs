// A real OpenID Connect provider, in which everybody is who they say. Arguments: port, where it sends people back to,
// what is wrong with its tokens.
import Provider from 'oidc-provider';

const [port, back, wrong] = process.argv.slice(2);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: 'fileward', client_secret: 'the secret of a test', redirect_uris: [back] }],
  claims: { openid: ['sub'], profile: ['preferred_username'], email: ['email', 'email_verified'] },
  cookies: { keys: ['of a test'] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  findAccount: async (_, id) => ({
    accountId: id,
    claims: async () => ({
      sub: id, preferred_username: id, email: `${id}@example.com`, email_verified: id !== 'mallory',
    }),
  }),
});

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decoded = (part) => JSON.parse(Buffer.from(part, 'base64url'));

provider.use(async (context, next) => {
  await next();
  if (context.path !== '/token' || !context.body?.id_token) return;
  const [head, claims, signature] = context.body.id_token.split('.');
  const another = encoded({ ...decoded(claims), sub: 'officer' });
  if (wrong === 'claims') context.body.id_token = [head, another, signature].join('.');
  if (wrong === 'unsigned') context.body.id_token = [encoded({ ...decoded(head), alg: 'none' }), another, ''].join('.');
});

provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
