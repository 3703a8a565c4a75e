import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;

/** What a table browser over JDBC does: schemas, tables, columns, a query, a read in pieces. */
public class Browse {
    public static void main(String[] arguments) throws Exception {
        try (Connection connection = DriverManager.getConnection(arguments[0])) {
            var meta = connection.getMetaData();
            print("schema", meta.getSchemas(null, "iam"), "TABLE_SCHEM");
            print("table", meta.getTables(null, "iam", "users", new String[] {"TABLE"}), "TABLE_NAME");
            try (ResultSet found = meta.getColumns(null, "iam", "users", "CreateDate")) {
                found.next();
                System.out.println("column " + found.getString("COLUMN_NAME") + " " + found.getString("TYPE_NAME"));
            }
            String sql = "SELECT \"UserName\" FROM iam.users WHERE \"UserName\" = ?";
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < 7; i++) { // the driver prepares on the server after the fifth
                    statement.setString(1, "ann");
                    try (ResultSet found = statement.executeQuery()) {
                        found.next();
                        if (i == 6) System.out.println("row " + found.getString(1));
                    }
                }
            }
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM range(1000)")) {
                statement.setFetchSize(64);
                int rows = 0;
                try (ResultSet found = statement.executeQuery()) {
                    while (found.next()) rows++;
                }
                System.out.println("rows " + rows);
            }
            connection.commit();
        }
    }

    private static void print(String what, ResultSet found, String column) throws Exception {
        try (found) {
            while (found.next()) System.out.println(what + " " + found.getString(column));
        }
    }
}
