// node-postgres, postgres.js and knex against a server: see README.md. Every line says ok, or what
// was wrong.
const url = new URL(process.argv[2]);
const address = { host: url.hostname, port: Number(url.port), user: url.username, database: "aws" };

const one = 'SELECT "UserName" FROM iam.users WHERE "UserName" = $1';

function say(name, found, wanted) {
  const ok = JSON.stringify(found) === JSON.stringify(wanted);
  console.log(ok ? "ok  " : "FAIL", name, ok ? "" : JSON.stringify(found));
}

async function nodePostgres() {
  const { Client } = require("pg");
  const client = new Client(address);
  await client.connect();
  say("pg parameter", (await client.query(one, ["ann"])).rows, [{ UserName: "ann" }]);
  const named = { name: "p", text: "SELECT $1::int + 1 AS n" };
  await client.query({ ...named, values: [1] });
  say("pg prepared", (await client.query({ ...named, values: [2] })).rows, [{ n: 3 }]);
  const several = 'SELECT "UserName" FROM iam.users WHERE "UserName" = ANY($1) ORDER BY 1';
  say("pg array", (await client.query(several, [["ann", "bob"]])).rows.length, 2);
  const types = (await client.query("SELECT '{\"a\":1}'::json AS j, ARRAY[1, 2] AS a")).rows[0];
  say("pg types", types, { j: { a: 1 }, a: [1, 2] });
  await client.end();
}

async function postgresJs() {
  const sql = require("postgres")({ ...address, ssl: false });
  const names = ["ann", "bob"];
  const found = await sql`SELECT "UserName" AS u FROM iam.users WHERE "UserName" IN ${sql(names)} ORDER BY 1`;
  say("postgres.js", found.map((row) => row.u), names);
  const read = [];
  await sql`SELECT "UserName" AS u FROM iam.users ORDER BY 1`.cursor(2, (rows) => {
    read.push(...rows.map((row) => row.u));
  });
  say("postgres.js cursor", read, ["ann", "bob", "eve"]);
  await sql.end();
}

async function withKnex() {
  const knex = require("knex")({ client: "pg", connection: address });
  const users = knex.withSchema("iam").select("UserName").from("users");
  say("knex", (await users.whereIn("UserName", ["ann", "eve"])).length, 2);
  const columns = await knex("users").withSchema("iam").columnInfo();
  say("knex columnInfo", columns.CreateDate.type, "timestamp with time zone");
  say("knex hasTable", await knex.schema.withSchema("iam").hasTable("users"), true);
  await knex.destroy();
}

(async () => {
  for (const run of [nodePostgres, postgresJs, withKnex]) {
    await run().catch((error) => console.log("FAIL", run.name, error.message));
  }
})();
