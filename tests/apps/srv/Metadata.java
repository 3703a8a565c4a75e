import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;

/** Every question of JDBC's DatabaseMetaData, as DBeaver, DataGrip and Metabase ask them: its rows, or its error. */
public class Metadata {
    interface Question {
        ResultSet ask() throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        try (Connection connection = DriverManager.getConnection(arguments[0])) {
            DatabaseMetaData m = connection.getMetaData();
            tell("catalogs", m::getCatalogs);
            tell("schemas", m::getSchemas);
            tell("schemas like", () -> m.getSchemas(null, "s%"));
            tell("table types", m::getTableTypes);
            tell("tables", () -> m.getTables(null, null, "%", new String[] {"TABLE", "VIEW", "MATERIALIZED VIEW"}));
            tell("columns", () -> m.getColumns("aws", "iam", "users", "%"));
            tell("columns of all", () -> m.getColumns(null, "iam", "%", "%"));
            tell("primary keys", () -> m.getPrimaryKeys(null, "iam", "users"));
            tell("imported keys", () -> m.getImportedKeys(null, "iam", "users"));
            tell("exported keys", () -> m.getExportedKeys(null, "iam", "users"));
            tell("cross reference", () -> m.getCrossReference(null, "iam", "users", null, "iam", "groups"));
            tell("indexes", () -> m.getIndexInfo(null, "iam", "users", false, true));
            tell("best row", () -> m.getBestRowIdentifier(null, "iam", "users", DatabaseMetaData.bestRowSession, true));
            tell("version columns", () -> m.getVersionColumns(null, "iam", "users"));
            tell("types", m::getTypeInfo);
            tell("functions", () -> m.getFunctions(null, null, "%"));
            tell("function columns", () -> m.getFunctionColumns(null, null, "%", "%"));
            tell("procedures", () -> m.getProcedures(null, null, "%"));
            tell("procedure columns", () -> m.getProcedureColumns(null, null, "%", "%"));
            tell("table privileges", () -> m.getTablePrivileges(null, "iam", "users"));
            tell("column privileges", () -> m.getColumnPrivileges(null, "iam", "users", "%"));
            tell("udts", () -> m.getUDTs(null, "iam", "%", null));
            tell("client info", m::getClientInfoProperties);
            System.out.println("keywords " + m.getSQLKeywords().contains("ilike"));
            System.out.println("name length " + m.getMaxColumnNameLength());
            System.out.println("version " + m.getDatabaseMajorVersion() + " " + m.getUserName() + " " + m.isReadOnly());
        }
    }

    /** How many rows, and the third cell of each (the name of a table, the type of a column …). */
    private static void tell(String what, Question question) {
        StringBuilder line = new StringBuilder(what);
        try (ResultSet found = question.ask()) {
            int rows = 0;
            int cell = Math.min(what.startsWith("columns") ? 4 : 3, found.getMetaData().getColumnCount());
            if (what.startsWith("schemas") || what.equals("catalogs")) cell = 1;
            while (found.next()) {
                rows++;
                if (rows <= 2000) line.append(' ').append(found.getString(cell));
            }
            System.out.println(rows + " " + line);
        } catch (Exception error) {
            System.out.println("error " + what + ": " + error.getMessage());
        }
    }
}
