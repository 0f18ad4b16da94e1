"""The same tasks on a Dask cluster: `course grade --scheduler tls://host:8786`."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submod_attrs={"workers": ["ClusterWorkers"]})
