"""What a notebook would receive: every MIME bundle that course_lib.ui publishes, with its update flag."""

import matplotlib as mpl
import pytest

mpl.use("Agg")


class Outputs(list):
    """The bundles as a front end keeps them: an update replaces the output of the same display_id."""

    def add(self, bundle, *, metadata=None, display_id=None, update=False):
        entry = {"data": bundle, "metadata": metadata or {}, "id": display_id}
        if update:
            places = [i for i, old in enumerate(self) if old["id"] == display_id]
            assert places, "an update of an output that was never displayed"
            for i in places:
                self[i] = entry
        else:
            self.append(entry)

    def html(self, i=-1):
        return self[i]["data"]["text/html"]


@pytest.fixture
def outputs(monkeypatch):
    from course_lib.ui import demos, display, figures

    found = Outputs()
    for module in (display, demos, figures):
        monkeypatch.setattr(module, "publish_bundle", found.add)
    from course_lib.ui import cards

    monkeypatch.setattr(cards, "publish_bundle", found.add)
    return found
