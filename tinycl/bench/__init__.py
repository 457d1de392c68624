"""Speed, as ratios against PyTorch's CPU kernels in one run. Needs the extra ``bench``."""
