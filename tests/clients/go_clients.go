// pgx and lib/pq against a server: see README.md. Every line says ok, or what was wrong.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lib/pq"
)

const one = `SELECT "UserName" FROM iam.users WHERE "UserName" = $1`
const several = `SELECT "UserName" FROM iam.users WHERE "UserName" = ANY($1) ORDER BY 1`

func say(name string, ok bool, err error) {
	if ok && err == nil {
		fmt.Println("ok  ", name)
		return
	}
	fmt.Println("FAIL", name, err)
}

func main() {
	ctx, url := context.Background(), os.Args[1]
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		say("pgx connects", false, err)
		os.Exit(1)
	}
	var name string
	err = c.QueryRow(ctx, one, "ann").Scan(&name)
	say("pgx parameter", name == "ann", err)
	rows, _ := c.Query(ctx, several, []string{"ann", "bob"})
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	say("pgx array parameter", len(names) == 2, err)
	var object map[string]int
	var list []int32
	err = c.QueryRow(ctx, `SELECT '{"a":1}'::json, ARRAY[1, 2]::int[]`).Scan(&object, &list)
	say("pgx json and array", object["a"] == 1 && len(list) == 2, err)
	batch := &pgx.Batch{}
	batch.Queue("SELECT 1")
	batch.Queue("SELECT $1::int", 2)
	results := c.SendBatch(ctx, batch)
	var x, y int
	err = results.QueryRow().Scan(&x)
	err2 := results.QueryRow().Scan(&y)
	results.Close()
	say("pgx batch", x == 1 && y == 2 && err2 == nil, err)
	c.Close(ctx)

	pool, err := pgxpool.New(ctx, url)
	var count int
	if err == nil {
		err = pool.QueryRow(ctx, "SELECT count(*) FROM iam.users").Scan(&count)
		pool.Close()
	}
	say("pgxpool", count == 3, err)

	db, err := sql.Open("postgres", url)
	if err == nil {
		err = db.QueryRow(one, "bob").Scan(&name)
	}
	say("lib/pq parameter", name == "bob", err)
	found, err := db.Query(several, pq.Array([]string{"ann", "bob"}))
	count = 0
	for err == nil && found.Next() {
		count++
	}
	say("lib/pq array parameter", count == 2, err)
	statement, err := db.Prepare("SELECT $1::int + 1")
	if err == nil {
		err = statement.QueryRow(4).Scan(&count)
	}
	say("lib/pq prepared statement", count == 5, err)
	db.Close()
}
