// Run by mongosh, again and again if need be: makes the replica set of one, then a user for each service with rights on
// its own database and on nothing else, one who may read all of these (operator) and one who may write them (restorer).
// Users and passwords are those of the secrets store-*.

const { readFileSync, readdirSync } = require("fs");

const SECRETS = "/run/secrets";
const NOT_YET_INITIALIZED = 94;
const USER_NOT_FOUND = 11;
const PATIENCE_SECONDS = 60;

const root = encodeURIComponent(readFileSync(`${SECRETS}/mongodb-root`, "utf8").trim());
const admin = connect(`mongodb://root:${root}@mongodb:27017/admin?directConnection=true`);

try {
  admin.adminCommand({ replSetGetStatus: 1 });
} catch (error) {
  if (error.code !== NOT_YET_INITIALIZED) throw error;
  admin.adminCommand({ replSetInitiate: { _id: "parvis", members: [{ _id: 0, host: "mongodb:27017" }] } });
  print("replica set parvis: made");
}

for (let second = 0; !admin.hello().isWritablePrimary; second += 1) {
  if (second === PATIENCE_SECONDS) throw new Error("the replica set has no primary");
  sleep(1000);
}

const WHOLE = { operator: "read", restorer: "readWrite" };
const names = readdirSync(SECRETS).filter((name) => name.startsWith("store-")).map((name) => name.slice("store-".length));
const services = names.filter((name) => !(name in WHOLE));

for (const name of names.sort()) {
  const url = new URL(readFileSync(`${SECRETS}/store-${name}`, "utf8").trim());
  const user = decodeURIComponent(url.username);
  const given = {
    pwd: decodeURIComponent(url.password),
    roles: (name in WHOLE ? services : [name]).map((service) => ({
      role: WHOLE[name] ?? "readWrite",
      db: `${url.pathname.slice(1)}_${service}`,
    })),
  };
  try {
    admin.runCommand({ updateUser: user, ...given });
  } catch (error) {
    if (error.code !== USER_NOT_FOUND) throw error;
    admin.runCommand({ createUser: user, ...given });
    print(`user ${user}: made`);
  }
}
