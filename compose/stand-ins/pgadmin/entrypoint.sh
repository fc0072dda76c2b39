#!/bin/bash
# The first start makes the user, the list of servers and the password file;
# as the official image does it.
set -euo pipefail
package=$(echo /venv/lib/python3*/site-packages/pgadmin4)
cd "$package"
if [[ ! -f /var/lib/pgadmin/pgadmin4.db ]]; then
  PGADMIN_SETUP_EMAIL=$PGADMIN_DEFAULT_EMAIL
  PGADMIN_SETUP_PASSWORD=$(<"$PGADMIN_DEFAULT_PASSWORD_FILE")
  export PGADMIN_SETUP_EMAIL PGADMIN_SETUP_PASSWORD
  /venv/bin/python setup.py setup-db
  /venv/bin/python setup.py load-servers "$PGADMIN_SERVER_JSON_FILE" \
    --user "$PGADMIN_DEFAULT_EMAIL"
  storage=/var/lib/pgadmin/storage/${PGADMIN_DEFAULT_EMAIL//@/_}
  mkdir -p "$storage"
  install -m 600 "$PGPASS_FILE" "$storage/.pgpass"
  unset PGADMIN_SETUP_EMAIL PGADMIN_SETUP_PASSWORD
fi
exec /venv/bin/gunicorn --bind "0.0.0.0:${PGADMIN_LISTEN_PORT:-80}" -w 1 \
  --threads 25 --chdir "$package" pgAdmin4:app
