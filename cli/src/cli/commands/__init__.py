"""One module a command group; `cli.group` imports it when a command of it is named."""

COMMANDS = {
    "demo": (
        "demo:demo",
        (
            "Start everything, replay a synthetic campus, go on live, show alerts. "
            "演示:虚构校园实时预警。"
        ),
    ),
    "up": ("up:up", "Start the broker (unless one is named) and all services. 启动全部服务。"),
    "ps": ("ps:ps", "Say what runs: service, process, port, health, lag. 显示各服务的运行情况。"),
    "doctor": (
        "doctor:doctor",
        (
            "Check everything that Lantern needs and explain each failure. "
            "检查运行环境并说明如何修复。"
        ),
    ),
    "replay": (
        "replay:replay",
        (
            "Replay all streams of a folder, merged by time, and check the sums. "
            "按时间重放整个文件夹。"
        ),
    ),
    "kafka": (
        "kafka:app",
        "The local Apache Kafka: start it, stop it, ask for it. 本机 Kafka 的启动、停止与状态。",
    ),
    "feeds": ("feeds:app", "File feeds: describe, check, import. 文件数据源。"),
    "dead": ("dead:app", "Dead letters: list, show, re-drive. 死信。"),
    "directory": ("directory:app", "People and organisation. 人员与组织。"),
    "identity": ("directory:identity_app", "Open an identity, for a duty. 身份揭示。"),
    "audit": ("directory:audit_app", "The audit chain. 审计链。"),
    "alerts": ("alerts:app", "Alerts of students. 预警。"),
    "policy": ("alerts:policy_app", "The response policy. 响应策略。"),
    "state": ("state:app", "Compare the state of two runs. 比较两次运行的状态。"),
    "model": ("model:app", "Models and their bundles. 模型与模型包。"),
    "dataset": ("dataset:app", "Tables to train and judge models on. 训练数据集。"),
    "simulate": ("simulate:app", "A synthetic campus. 虚构校园。"),
}
"""What `lantern --help` lists, in order: where a command is, and the first line of its help."""
