"""HTTP in: parse, ask the service, render what the caller's tier may see."""

from alerts.routes.router import Parts, build_router

__all__ = ["Parts", "build_router"]
