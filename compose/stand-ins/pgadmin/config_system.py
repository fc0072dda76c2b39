DATA_DIR = '/var/lib/pgadmin'
LOG_FILE = '/dev/null'
SQLITE_PATH = '/var/lib/pgadmin/pgadmin4.db'
SESSION_DB_PATH = '/var/lib/pgadmin/sessions'
STORAGE_DIR = '/var/lib/pgadmin/storage'
SERVER_MODE = True
UPGRADE_CHECK_ENABLED = False
