-- Folders of the snapshot before that are in, or are, a folder that can not be read now.
SELECT DISTINCT below.share, below.pre
FROM unreadable
JOIN previous_directories AS top ON top.share = unreadable.share AND top.path = unreadable.path
JOIN previous_directories AS below ON below.share = top.share AND below.pre BETWEEN top.pre AND top.last_pre
