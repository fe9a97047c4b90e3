// The certified provider oidc-provider with one client and its own pages, on which any password is right.
// Arguments: the port, the page that people are sent back to, the client's name and secret.
import Provider from 'oidc-provider';

const [port, page, client_id, client_secret] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [{ client_id, client_secret, redirect_uris: [page] }],
  claims: { openid: ['sub'], profile: ['family_name', 'given_name'], email: ['email'] },
  cookies: { keys: ['tests'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, family_name: 'Durand', given_name: 'Zoé', email: `${id}@etu.test` }),
  }),
});

provider.listen(Number(port), '127.0.0.1');
