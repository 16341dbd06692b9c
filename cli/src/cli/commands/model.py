"""`lantern model`: joins the commands on bundles as files with those on what serves."""

from cli.commands import model_performance, model_report, model_serving

app = model_report.app  # with the commands of `model`
model_serving.add_to(app)
model_performance.add_to(app)
