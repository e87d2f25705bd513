"""New Relic's agent in its developer mode, which sends nothing; what it would is kept."""

import re

nodes = []


def begin():
    import os

    os.environ.update(
        NEW_RELIC_DEVELOPER_MODE="true",
        NEW_RELIC_LICENSE_KEY="0" * 40,
        NEW_RELIC_APP_NAME="watched",
        NEW_RELIC_STARTUP_TIMEOUT="10",
        NEW_RELIC_LOG="stderr",
        NEW_RELIC_LOG_LEVEL="error",
    )
    global agent
    from newrelic import agent
    from newrelic.core.stats_engine import StatsEngine

    agent.initialize()
    agent.register_application()
    record = StatsEngine.record_transaction

    def keep(self, node):
        nodes.append(node)
        return record(self, node)

    StatsEngine.record_transaction = keep


def attach(app):
    pass


def tag(n):
    agent.add_custom_attribute("n", n)


def found():
    seen = []
    for node in nodes:
        own = {one.name: one.value for one in node.user_attributes}
        sent = {one.name: one.value for one in node.agent_attributes}
        errors = list(node.errors)
        marks = [str(sent["request.uri"]).rpartition("/")[2], *own.values()]
        marks += re.findall(r"for (\d+)", " ".join(error.message for error in errors))
        seen.append(
            {
                "name": node.name,
                "status": int(sent["response.status"]),
                "error": min((error.type for error in errors), default=None),
                "marks": marks,
            }
        )
    return seen
